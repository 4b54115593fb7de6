'use strict';
/* Reads what CTest and jest say about their tests. */
const path = require('node:path');

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {string[]} failed   one line each
 * @property {string[]} skipped  one line each, with the reason
 */

/**
 * The results in a JUnit file as CTest writes it.
 * @returns {Counts}
 */
function countCTest(xml) {
  const counts = { passed: 0, failed: [], skipped: [] };
  for (const [, attributes, , body = ''] of xml.matchAll(
    /<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const attribute = (name, text = attributes) =>
      new RegExp(`\\b${name}="([^"]*)"`)
        .exec(text)?.[1]
        .replace(/&(lt|gt|quot|apos|amp);/g, (_, e) => ENTITIES[e]);
    const name = `core: ${attribute('name')}`;
    const status = attribute('status');
    if (status === 'run') counts.passed++;
    else if (status === 'fail') counts.failed.push(name);
    else counts.skipped.push(`${name}: ${attribute('message', body) || status}`);
  }
  return counts;
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/**
 * The results in jest's JSON. A skipped test has no reason of its own there, so ours say it in their names.
 * @returns {Counts}
 */
function countJest(json, root) {
  const counts = { passed: 0, failed: [], skipped: [] };
  for (const file of JSON.parse(json).testResults) {
    const where = path.relative(root, file.name);
    for (const test of file.assertionResults) {
      const name = `${where}: ${test.fullName}`;
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed') counts.failed.push(name);
      else counts.skipped.push(test.status === 'pending' ? name : `${name} (${test.status})`);
    }
    // The file could not be loaded, so its tests are not even known.
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) {
      counts.failed.push(`${where}: ${file.message.trim().split('\n')[0]}`);
    }
  }
  return counts;
}

module.exports = { countCTest, countJest };
