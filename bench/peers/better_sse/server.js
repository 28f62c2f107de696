// Node with better-sse, as its README has it: `GET /stream`, and `POST /publish` for everyone who listens.
import { createServer } from "node:http";
import { createChannel, createSession } from "better-sse";

const channel = createChannel();

const server = createServer(async (request, response) => {
  if (request.url === "/stream") {
    channel.register(await createSession(request, response));
    return;
  }
  if (request.url !== "/publish") {
    response.writeHead(404).end();
    return;
  }
  const parts = [];
  for await (const part of request) parts.push(part);
  channel.broadcast(JSON.parse(Buffer.concat(parts)), "video.updated");
  response.writeHead(204).end();
});

server.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });
