// A receiver as people write it with Express: JSON body, signature, one insert and commit for each request.
// Node's own SQLite is called as better-sqlite3 is, and needs no compiler.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import express from 'express'

const { PORT, SECRET, DATABASE } = process.env
const db = new DatabaseSync(DATABASE)
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
db.exec('CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT, video_id TEXT UNIQUE, body TEXT, received_at TEXT)')
const insert = db.prepare('INSERT INTO events (type, video_id, body, received_at) VALUES (?, ?, ?, ?)')

const app = express()
app.use(express.json({ verify: (request, _, raw) => { request.raw = raw } }))
app.post('/webhooks/heygen', (request, response) => {
  const right = createHmac('sha256', SECRET).update(request.raw).digest()
  const given = Buffer.from(request.get('signature') ?? '', 'hex')
  if (given.length !== right.length || !timingSafeEqual(given, right)) return response.status(401).json({ ok: false })
  const { event_type, event_data } = request.body
  insert.run(event_type, event_data.video_id, request.raw.toString(), new Date().toISOString())
  response.json({ ok: true })
})
app.listen(Number(PORT), '127.0.0.1')
