import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { Program, until } from './process.js';

/** Debian's nginx as a reverse proxy. */
export class Nginx {
  private constructor(
    readonly port: number,
    private readonly program: Program,
    private readonly folder: string,
  ) {}

  /** Starts it in front of this port, with further lines for its `location /`, on `port` or any that is free. */
  static async inFrontOf(target: number, lines = '', port?: number): Promise<Nginx> {
    const own = port ?? (await freePort());
    const folder = await mkdtemp(join(tmpdir(), 'pairing-nginx-'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n');
    await writeFile(
      join(folder, 'nginx.conf'),
      `daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
access_log off;
${temporary}
server {
listen 127.0.0.1:${own};
listen [::1]:${own};
location / {
proxy_pass http://127.0.0.1:${target};
${lines}
}
}
}
`,
    );
    const program = new Program('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]);
    await until('nginx to listen', async () => {
      if (!program.running) throw new Error(program.output);
      return fetch(`http://127.0.0.1:${own}/`).then(
        () => true,
        () => false,
      );
    });
    return new Nginx(own, program, folder);
  }

  async close(): Promise<void> {
    await this.program.stop();
    await rm(this.folder, { recursive: true });
  }
}
