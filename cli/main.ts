import { CommanderError } from '@commander-js/extra-typings';
import { CommandError, exitCodes } from './exit-codes.ts';
import { idsAsOperands } from './operands.ts';
import { stderr } from './output.ts';
import { createProgram } from './program.ts';
import { adviseUpdate } from './service-info.ts';

// `list | head` closes the pipe before everything is written, which is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.success);
});

run().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error); // a defect
    process.exitCode = exitCodes.failure;
  },
);

async function run(): Promise<number> {
  try {
    const program = createProgram();
    await program.parseAsync(idsAsOperands(program, process.argv.slice(2)), { from: 'user' });
    await adviseUpdate();
    return exitCodes.success;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    if (!(error instanceof CommandError)) throw error;
    if (error.message) stderr.line(`${stderr.colors.red('cernvm-pairing:')} ${error.message}`);
    await adviseUpdate();
    return error.exitCode;
  }
}
