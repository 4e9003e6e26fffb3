export interface CodeServerOptions {
  vsix: string;
  others?: string[];
  folder?: string;
  port?: number;
  userDataDir?: string;
  trusted?: boolean;
  settings?: Record<string, unknown>;
  log?: (line: string) => void;
}

export interface RunningCodeServer {
  url: string;
  port: number;
  userDataDir: string;
  stop(): Promise<void>;
}

export function startCodeServer(options: CodeServerOptions): Promise<RunningCodeServer>;
