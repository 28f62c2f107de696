// With pg: a pool of connections, and a statement that is prepared once on each.
import pg from 'pg'

const TABLE = `CREATE TABLE events (
  id bigserial PRIMARY KEY, type text, video_id text UNIQUE, body text, received_at timestamptz)`
const INSERT = 'INSERT INTO events (type, video_id, body, received_at) VALUES ($1, $2, $3, $4)'

export async function open(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 20 })
  await pool.query(TABLE)
  return (...values) => pool.query({ name: 'insert', text: INSERT, values })
}
