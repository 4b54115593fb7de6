'use strict';
/* What set-up says: one line per step; on a terminal also what is under way. */

const SIGNS = { done: '✓', skipped: '!', failed: '✗' };

class Reporter {
  constructor(out = process.stdout) {
    this.out = out;
    this.active = new Map();
    this.status = '';
    // A log without a word for minutes looks like a hang, and some CI services take it for one.
    this.timer = setInterval(() => this.tick(), out.isTTY ? 1000 : 60_000);
    this.timer.unref();
  }

  line(text) {
    this.clearStatus();
    this.out.write(`${text}\n`);
    if (this.out.isTTY) this.showStatus();
  }

  started(step) {
    this.active.set(step.name, { title: step.title, began: Date.now() });
    if (this.out.isTTY) this.showStatus();
  }

  finished(step, began, remark) {
    this.active.delete(step.name);
    this.line(`${SIGNS.done} ${step.title} (${seconds(began)})${remark ? `: ${remark}` : ''}`);
  }

  skipped(step, began, error, log) {
    this.active.delete(step.name);
    this.line(
      `${SIGNS.skipped} ${step.title} (${seconds(began)}): not available; ${error.message}. Log: ${log.name}`,
    );
    if (error.advice) this.line(indent(error.advice));
  }

  failed(step, began, error, log) {
    this.active.delete(step.name);
    this.line(`${SIGNS.failed} ${step.title} (${seconds(began)}): ${error.message}`);
    const excerpt = log.excerpt();
    if (excerpt) this.line(`\nFrom ${log.name}:\n${indent(excerpt)}\n`);
    if (error.advice) this.line(error.advice);
  }

  tick() {
    if (this.active.size === 0) return;
    if (this.out.isTTY) this.showStatus();
    else this.out.write(`  … ${this.describeActive()}\n`);
  }

  describeActive() {
    return [...this.active.values()].map(({ title, began }) => `${title} (${seconds(began)})`).join(', ');
  }

  showStatus() {
    this.clearStatus();
    if (this.active.size === 0) return;
    this.status = `… ${this.describeActive()}`.slice(0, (this.out.columns ?? 80) - 1);
    this.out.write(this.status);
  }

  clearStatus() {
    if (this.status !== '') this.out.write('\r\x1b[K');
    this.status = '';
  }

  end() {
    clearInterval(this.timer);
    this.clearStatus();
  }
}

const seconds = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;

const indent = (text) => text.replace(/^/gm, '    ');

module.exports = { Reporter };
