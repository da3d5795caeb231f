import type { Reporter, TestModule } from 'vitest/node';

const everyMs = 10_000;

/** Prints now and then how far the tests are, where the terminal does not show it. */
export default class ProgressReporter implements Reporter {
  private readonly began = performance.now();
  private said = performance.now();
  private files = 0;
  private done = 0;
  private passed = 0;
  private failed = 0;

  onTestRunStart(specifications: readonly unknown[]): void {
    this.files = specifications.length;
  }

  onTestModuleEnd(module: TestModule): void {
    this.done++;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') this.passed++;
      if (state === 'failed') this.failed++;
    }
    const now = performance.now();
    if (process.stdout.isTTY || (now - this.said < everyMs && this.done < this.files)) return;
    this.said = now;
    const seconds = Math.round((now - this.began) / 1000);
    console.log(
      `${this.done} of ${this.files} files, ${this.passed} tests passed, ${this.failed} failed, after ${seconds} s`,
    );
  }
}
