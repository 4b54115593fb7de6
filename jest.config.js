/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  modulePathIgnorePatterns: ['<rootDir>/build', '<rootDir>/lib', '<rootDir>/demo'],
  // When something counts as hung. Nothing is measured by it: a machine that has much else to do may take its time.
  testTimeout: 600_000,
};
