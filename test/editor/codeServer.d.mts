export interface CodeServerOptions {
  extensions: string;
  port?: number;
  trusted?: boolean;
  settings?: Record<string, unknown>;
  log?: (line: string) => void;
}

export interface RunningCodeServer {
  addressOf(folder: string): string;
  stop(): Promise<void>;
}

export function installExtensions(packages: string[], extensions: string, log?: (line: string) => void): Promise<void>;
export function startCodeServer(options: CodeServerOptions): Promise<RunningCodeServer>;
