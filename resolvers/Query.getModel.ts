import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { classesOf, parseModelManifest } from '../core/modelManifest.ts';
import { modelView } from '../core/modelView.ts';
import { fieldHandler } from './field.ts';

export type Environment = Record<never, string>;

const manifest = parseModelManifest(JSON.parse(readFileSync(new URL('manifest.json', import.meta.url), 'utf8')));
const model = modelView(manifest, classesOf(manifest));

export const handler = fieldHandler<'Query.getModel'>(z.object({}), async () => model);
