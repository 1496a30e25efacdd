import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Route } from '../../cloud/index.ts';

const inPackage = (name: string, file: string) =>
  join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file);

const FILES = new Map([
  ['/playground/react.js', inPackage('react', 'umd/react.production.min.js')],
  ['/playground/react-dom.js', inPackage('react-dom', 'umd/react-dom.production.min.js')],
  ['/playground/graphiql.js', inPackage('graphiql', 'graphiql.min.js')],
  ['/playground/graphiql.css', inPackage('graphiql', 'graphiql.min.css')],
  ['/playground/client.js', join(import.meta.dirname, 'playground.client.js')],
  ['/graphql', join(import.meta.dirname, 'playground.html')],
]);
const TYPES: Record<string, string> = { js: 'text/javascript', css: 'text/css', html: 'text/html' };

/** GraphiQL, all of it from this machine: at the API's own address for whoever asks for a page, its files beside it. */
export const playgroundRoute: Route = async (request, response) => {
  const { method, url = '/', headers } = request;
  const path = url.split('?')[0] ?? '/';
  const isPage = path === '/graphql' && headers.accept?.includes('text/html');
  const file = isPage || path.startsWith('/playground/') ? FILES.get(path) : undefined;
  if (!file || (method !== 'GET' && method !== 'HEAD')) return false;
  const { host = '' } = headers;
  // GraphiQL's editor sets styles on its elements; it evaluates no code.
  const policy = `default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; connect-src 'self' ws://${host} wss://${host}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
  response.setHeader('content-security-policy', policy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-type', `${TYPES[file.split('.').at(-1) ?? '']}; charset=utf-8`);
  response.end(await readFile(file));
  return true;
};
