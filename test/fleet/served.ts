import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { request as secureRequest, type RequestOptions } from 'node:https';
import { program } from '../cli/weighbridge.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A service as a process of its own. */
export class Served {
  readonly url: string;
  readonly child: ChildProcess;
  log = '';

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.child = child;
  }

  static async start(cwd: string, args: string[]): Promise<Served> {
    const child = spawn(process.execPath, [program, 'serve', '--listen', '127.0.0.1:0', ...args], { cwd });
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const found = /answers at (\S+)/.exec(said)?.[1];
        if (found) resolve(found);
      });
      child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    });
    const served = new Served(url, child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (served.log += text));
    return served;
  }

  ask(path: string, options: RequestOptions & { body?: string } = {}): Promise<Answer> {
    const { body, ...rest } = options;
    const url = new URL(path, this.url);
    const method = body === undefined ? 'GET' : 'POST';
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? secureRequest : plainRequest;
      const sent = send(url, { method, servername: 'localhost', agent: false, ...rest }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async stop(): Promise<number | null> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}
