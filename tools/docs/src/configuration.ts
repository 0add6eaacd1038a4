import { configTable, kitShape } from '@tributary/service-kit'
import { ownShapes } from './services.ts'

/** docs/configuration.md: every variable of every service. */
export function configuration(): string {
  const own = Object.entries(ownShapes).map(([name, shape]) =>
    Object.keys(shape.shape).length === 0
      ? `## ${name}\n\nNothing beyond these.\n`
      : `## ${name}\n\n${configTable(shape).trimEnd()}\n`,
  )
  return [intro, `## Every service\n\n${configTable(kitShape).trimEnd()}\n`, ...own].join('\n')
}

const intro = `# Configuration

<!-- Made from the services' config.ts by \`npm run generate -w tools/docs\`; a test compares. -->

A service reads its environment once, at the start. Whatever is wrong with it ends the process at once, exit 2, with every complaint in one
message. An empty variable counts as absent. What the variables are set to by \`./tributary up\` is in
\`tools/cli/src/stack/environment.ts\`; what deployments set, in [deploy](../deploy/README.md).
`
