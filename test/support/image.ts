import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Copy, DockerfileParser, type From, type Instruction } from 'dockerfile-ast';
import { Program } from './process.js';
import { secrets } from './secrets.js';

const execute = promisify(execFile);

/** A user id as OpenShift assigns it: not in /etc/passwd, with group 0. */
export const RANDOM_USER = 1_000_620_000;

/** The command that has installed this project's own packages (script/setup): its result is used again. */
const INSTALL_ALL = 'npm ci --no-audit';

/** The command that installs what production needs. That is a part of this project's own packages, and npm says which. */
const INSTALL_PRODUCTION = 'npm ci --omit=dev --no-audit';

/** The name for the last stage, which has none in the Dockerfile. */
const LAST = 'image';

/**
 * The result of the steps in the Dockerfile, without its base images, which tests cannot pull: Node and the libraries of
 * this system replace them.
 */
export class Image {
  private constructor(
    private readonly dir: string,
    private readonly instructions: readonly Instruction[],
  ) {}

  static async build(): Promise<Image> {
    const dir = await mkdtemp(join(tmpdir(), 'pairing-image-'));
    await chmod(dir, 0o755);
    const instructions = DockerfileParser.parse(await readFile('Dockerfile', 'utf8'));
    const builder = new Builder(dir);
    for (const instruction of instructions.getInstructions()) await builder.execute(instruction);
    return new Image(dir, instructions.getInstructions());
  }

  /** The folder with its files. */
  get root(): string {
    return join(this.dir, LAST);
  }

  /** The arguments of the last instruction of this kind. */
  instruction(keyword: string): string | undefined {
    const found = this.instructions.findLast((each) => each.getKeyword() === keyword);
    return found?.getArgumentsContent() ?? undefined;
  }

  /**
   * Runs it as an unknown user, with a read-only root without shell and tools. The folder `volume`, if given, is
   * mounted at `/data` and is writable.
   */
  run(env: Record<string, string>, volume?: string): Program {
    const variables = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]);
    const libraries = ['/lib', '/lib64', '/usr/lib'].flatMap((path) => ['--ro-bind', path, path]);
    const app = ['app', 'data'].flatMap((name) => ['--ro-bind', join(this.root, name), `/${name}`]);
    const data = volume === undefined ? [] : ['--bind', volume, '/data'];
    const command = JSON.parse(this.instruction('CMD')!) as string[];
    secrets.settings(env);
    const program = new Program('setpriv', [
      `--reuid=${RANDOM_USER}`,
      '--regid=0',
      '--clear-groups',
      'bwrap',
      ...'--unshare-pid --as-pid-1 --die-with-parent --clearenv'.split(' '),
      ...'--proc /proc --dev /dev --tmpfs /tmp'.split(' '),
      ...'--ro-bind node_modules/node/bin/node /nodejs/bin/node'.split(' '),
      ...[libraries, app, data, variables].flat(),
      ...'--remount-ro / --chdir /app /nodejs/bin/node'.split(' '),
      ...command,
    ]);
    secrets.output('the output of the image', () => program.output);
    return program;
  }

  async close(): Promise<void> {
    await rm(this.dir, { recursive: true });
  }
}

/** Executes the instructions, with a folder for the root of each stage. */
class Builder {
  private root = '';
  private workdir = '';

  constructor(private readonly dir: string) {}

  async execute(instruction: Instruction): Promise<void> {
    const content = instruction.getArgumentsContent() ?? '';
    switch (instruction.getKeyword()) {
      case 'FROM':
        this.root = join(this.dir, (instruction as From).getBuildStage() ?? LAST);
        break;
      case 'WORKDIR':
        this.workdir = join(this.root, content);
        await mkdir(this.workdir, { recursive: true });
        break;
      case 'RUN':
        await this.run(content);
        break;
      case 'COPY':
        await this.copy(instruction as Copy);
        break;
      default: // says how it is run, and changes no file
    }
  }

  /** A command of the runtime image is an array, because that image has no shell. */
  private async run(content: string): Promise<void> {
    if (content === INSTALL_ALL) {
      await symlink(resolve('node_modules'), join(this.workdir, 'node_modules'));
      return;
    }
    if (content === INSTALL_PRODUCTION) {
      const { stdout } = await execute('npm', ['ls', '--omit=dev', '--all', '--parseable']);
      const packages = stdout.split('\n').map((path) => relative('', path));
      const outermost = packages.filter((path) => path.lastIndexOf('node_modules/') === 0);
      await execute('cp', ['--archive', '--parents', ...outermost, this.workdir]);
      return;
    }
    const [program, ...args] = content.startsWith('[')
      ? (JSON.parse(content) as string[])
      : ['sh', '-c', content];
    const command = program === '/nodejs/bin/node' ? process.execPath : program!;
    await execute(command, args, { cwd: this.workdir });
  }

  /** Of a folder the content is copied, and its mode is not, as BuildKit does it. */
  private async copy(instruction: Copy): Promise<void> {
    const stage = instruction.getFlags().find((flag) => flag.getName() === 'from');
    const from = stage ? join(this.dir, stage.getValue()!) : process.cwd();
    const paths = instruction.getArguments().map((argument) => argument.getValue());
    const target = paths.pop()!;
    const to = join(target.startsWith('/') ? this.root : this.workdir, target);
    for (const path of paths) {
      const source = join(from, path);
      const isFolder = (await stat(source)).isDirectory();
      if (isFolder) await mkdir(to, { recursive: true });
      await execute('cp', [
        '--recursive',
        '--preserve=mode',
        // Nothing changes the files of a stage that is complete.
        ...(stage ? ['--link'] : []),
        isFolder ? `${source}/.` : source,
        to,
      ]);
      if (isFolder) await chmod(to, 0o755);
    }
  }
}
