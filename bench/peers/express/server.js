// A receiver as people write it with Express: JSON body, signature, one insert and commit for each request.
import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'

const { PORT, SECRET, DATABASE } = process.env
const { open } = await import(DATABASE.startsWith('postgresql:') ? './postgres.js' : './sqlite.js')
const insert = await open(DATABASE)

const app = express()
app.use(express.json({ verify: (request, _, raw) => { request.raw = raw } }))
app.post('/webhooks/heygen', async (request, response) => {
  const right = createHmac('sha256', SECRET).update(request.raw).digest()
  const given = Buffer.from(request.get('signature') ?? '', 'hex')
  if (given.length !== right.length || !timingSafeEqual(given, right)) return response.status(401).json({ ok: false })
  const { event_type, event_data } = request.body
  await insert(event_type, event_data.video_id, request.raw.toString(), new Date().toISOString())
  response.json({ ok: true })
})
app.listen(Number(PORT), '127.0.0.1')
