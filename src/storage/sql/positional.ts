import type { DataSource } from 'typeorm';
import type { Values } from './record-database.js';

/**
 * Replaces the named parameters (`:name`) of a statement by those of the driver. Returns the statement and the values in
 * their order. TypeORM can do that, too, but for SQLite it writes numbers into the text, so that each statement would be
 * another one, to be prepared again.
 */
export function positional(
  statement: string,
  values: Values,
  { driver }: DataSource,
): [string, unknown[]] {
  const parameters: unknown[] = [];
  const text = statement.replaceAll(/:(\w+)/g, (_, name: string) => {
    parameters.push(values[name]);
    return driver.createParameter(name, parameters.length - 1);
  });
  return [text, parameters];
}
