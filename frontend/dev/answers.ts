/** How the mock answers. */

import type { ServerResponse } from 'node:http';

export function json(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(value));
}

export function problem(response: ServerResponse, status: number, code: string, title: string, detail?: string): void {
  json(response, status, { type: `about:blank#${code}`, title, status, detail, code }, 'application/problem+json');
}

export function end(response: ServerResponse, status: number): void {
  response.writeHead(status);
  response.end();
}
