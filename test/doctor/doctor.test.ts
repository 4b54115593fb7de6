import { checkMemory, checkNode } from '../../src/doctor/machine';

test.each([
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['20.18.3', 'problem'],
  ['18.20.0', 'problem'],
] as const)('Node %s is %s', (version, status) => {
  const finding = checkNode('>=20.19', version);
  expect(finding.status).toBe(status);
  expect(finding.remedy === undefined).toBe(status === 'ok');
});

test('little memory is worth a note that says what it means', () => {
  expect(checkMemory(64e9)).toMatchObject({ status: 'ok' });
  expect(checkMemory(1e9)).toMatchObject({ status: 'note', remedy: expect.stringContaining('--max-memory') });
});
