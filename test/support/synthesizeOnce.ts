import type { TestProject } from 'vitest/node';
import { synthesizeProduct } from '../../local/product.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    assemblyDir: string;
  }
}

/** All whole-system tests run the one template that is synthesized here. */
export default async function setup({ provide }: TestProject): Promise<void> {
  provide('assemblyDir', process.env.TARGET === 'aws' ? '' : await synthesizeProduct());
}
