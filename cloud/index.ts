export type { App, Context } from './app/app.ts';
export { synthesize } from './app/synthesize.ts';
export { watchInputs } from './app/watchInputs.ts';
export type { Route } from './appsync/options.ts';
export { type Cloud, type CloudOptions, startCloud } from './startCloud.ts';
