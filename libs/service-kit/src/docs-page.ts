import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'

const title = (service: string) => `Tributary ${service}`

const page = (service: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title(service)}</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`
const script = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true })\n"

/** Nothing from elsewhere, and nobody may frame it. Swagger UI sets styles in line. */
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

/** /openapi.json, and /docs which renders it. The files are streamed from disk, so an idle process holds none of them. */
export function addDocs(app: FastifyInstance, service: string, describe: () => unknown): void {
  let description: string | null = null
  app.get('/openapi.json', (_request, reply) => {
    description ??= JSON.stringify(describe())
    return reply.type('application/json; charset=utf-8').send(description)
  })
  const files = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static')
  app.get('/docs', (_request, reply) =>
    reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page(service)),
  )
  app.get('/docs/start.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script))
  for (const [name, type] of [
    ['swagger-ui.css', 'text/css'],
    ['swagger-ui-bundle.js', 'text/javascript'],
  ] as const) {
    app.get(`/docs/${name}`, (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).send(createReadStream(join(files, name))),
    )
  }
}
