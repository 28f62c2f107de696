// Node's own SQLite is called as better-sqlite3 is, and needs no compiler.
import { DatabaseSync } from 'node:sqlite'

export function open(file) {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec('CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT, video_id TEXT UNIQUE, body TEXT, received_at TEXT)')
  const insert = db.prepare('INSERT INTO events (type, video_id, body, received_at) VALUES (?, ?, ?, ?)')
  return (...values) => insert.run(...values)
}
