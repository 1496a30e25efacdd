/* Runs in the browser: GraphiQL's fetcher for AppSync, over HTTP and its realtime protocol. */

/** `authorization` gives the headers of the caller chosen now. */
export function createFetcher(graphqlUrl, authorization) {
  return async (request, { documentAST } = {}) => {
    const operations = documentAST?.definitions.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
    const chosen = operations.find(({ name }) => name?.value === request.operationName) ?? operations[0];
    const headers = await authorization();
    if (chosen?.operation === 'subscription') {
      return { subscribe: (observer) => subscribe(graphqlUrl, headers, request, observer) };
    }
    return (await fetch(graphqlUrl, { method: 'POST', headers, body: JSON.stringify(request) })).json();
  };
}

function subscribe(graphqlUrl, headers, { query, variables }, observer) {
  const authorization = { host: new URL(graphqlUrl).host, ...headers };
  const encoded = btoa(JSON.stringify(authorization)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const socket = new WebSocket(`${graphqlUrl.replace('http', 'ws')}/realtime`, ['graphql-ws', `header-${encoded}`]);
  const payload = { data: JSON.stringify({ query, variables }), extensions: { authorization } };
  socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init' }));
  socket.onclose = () => observer.complete();
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'start', payload }));
    if (frame.type === 'start_ack') observer.next({ data: 'Listening: what is published now appears here.' });
    if (frame.type === 'data') observer.next(frame.payload);
    if (frame.type.endsWith('error')) observer.error(frame.payload);
  };
  return { unsubscribe: () => socket.close() };
}

const REQUEST = 'requestId status version predictions { code label probability } assessment { triage } disclaimer';
const TABS = [
  'query getModel { getModel { name version intendedUse classes { code label malignant } } }',
  'mutation createUpload { createUpload(input: { contentType: "image/jpeg", contentLength: 12345 }) { imageKey url fields { name value } expiresAt } }',
  `mutation submitRequest { submitRequest(input: { imageKey: "from createUpload", describe: true }) { ${REQUEST} } }`,
  `subscription onRequestUpdated { onRequestUpdated { ${REQUEST} } }`,
  `query getResult { getResult(requestId: "from submitRequest") { ${REQUEST} } }`,
  `query listRequests { listRequests(limit: 10) { items { ${REQUEST} } nextToken } }`,
];

async function main() {
  const config = await (await fetch('/config.json')).json();
  const caller = document.querySelector('#caller');
  const callers = [...(config.apiKey ? ['API key'] : []), 'alice', 'bob'];
  caller.append(...callers.map((name) => new Option(name)));
  const authorization = async () => {
    if (caller.value === 'API key') return { 'x-api-key': config.apiKey };
    const answer = await fetch('/token', { method: 'POST', body: JSON.stringify({ user: caller.value }) });
    return { Authorization: (await answer.json()).token };
  };
  const { React, ReactDOM, GraphiQL } = globalThis;
  const fetcher = createFetcher(`${location.origin}/graphql`, authorization);
  const playground = React.createElement(GraphiQL, { fetcher, defaultTabs: TABS.map((query) => ({ query })) });
  ReactDOM.createRoot(document.querySelector('#graphiql')).render(playground);
}

if (globalThis.document) main();
