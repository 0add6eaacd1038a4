import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** An answer that is sent while it is made, so it may be longer than memory; of the content type its route `streams`. */
export type StreamAnswer = Readonly<{
  status: number
  /** What a browser saves it as. */
  filename: string
  /** Asked for at the pace of whoever reads; ended early (`return`) when they go away. */
  chunks: AsyncIterable<string>
}>

/** Compressed where the caller takes that. When a chunk cannot be made, the connection breaks off, and the caller sees it. */
export function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, filename, chunks, contentType }: StreamAnswer & Readonly<{ contentType: string }>,
): FastifyReply {
  reply
    .code(status)
    .type(contentType)
    .header('content-disposition', `attachment; filename="${filename}"`)
    .header('vary', 'accept-encoding')
  const source = Readable.from(chunks)
  if (!takesGzip(request.headers['accept-encoding'])) return reply.send(source)
  // An error on either side ends both; fastify hears of it from the side that it reads.
  return reply.header('content-encoding', 'gzip').send(pipeline(source, createGzip(), () => {}))
}

/** Whether `Accept-Encoding` names gzip without forbidding it. */
export function takesGzip(accepted: string | string[] = ''): boolean {
  return String(accepted)
    .split(',')
    .map((range) => range.trim().toLowerCase())
    .some((range) => /^(x-)?gzip(\s*;(?!\s*q=0(\.0+)?\s*$).*)?$/.test(range))
}
