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

const REQUEST = `{
    requestId
    status
    version
    predictions { label probability malignant }
    assessment { triage confidence notices { message } }
    description { text source }
    error { code message }
    disclaimer
  }`;
const UPLOAD = '(input: { contentType: "image/jpeg", contentLength: 12345 })';
const SUBMIT = '(input: { imageKey: "from createUpload, once the photo is posted", describe: true })';
const TABS = [
  'query getModel {\n  getModel { name version intendedUse classes { code label malignant } }\n}',
  `mutation createUpload {\n  createUpload${UPLOAD} { imageKey url fields { name value } }\n}`,
  `mutation submitRequest {\n  submitRequest${SUBMIT} ${REQUEST}\n}`,
  `subscription onRequestUpdated {\n  onRequestUpdated ${REQUEST}\n}`,
  `query getResult {\n  getResult(requestId: "from submitRequest") ${REQUEST}\n}`,
  'query listRequests {\n  listRequests(limit: 10) { items { requestId status submittedAt reference } nextToken }\n}',
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
