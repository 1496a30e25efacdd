import type { Reporter, TestModule } from 'vitest/node';

/** The last line of a test run, in a form that programs read: `N passed, N failed, N skipped`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((found) => found === state).length;
    // A file that did not even load failed, and so did a group whose preparation threw, though no test of theirs did.
    const groups = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = groups.filter((group) => group.errors().length > 0).length;
    const failed = count('failed') + broken + unhandledErrors.length;
    process.on('exit', () => console.log(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped`));
  }
}
