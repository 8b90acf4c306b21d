import { explored, launch, live } from '../test/support/explorer.ts'
const chain = await explored(); await live(chain, 10)
const b = await launch(); const p = await b.newPage({ viewport: { width: 360, height: 780 } })
await p.goto(chain.url); await p.waitForSelector('html[data-ready]'); await p.waitForTimeout(500)
console.log(await p.evaluate(() => { const o:string[]=[]; for (const e of document.querySelectorAll('*')) { const r=e.getBoundingClientRect(); if (r.right > innerWidth+1) o.push(e.tagName+'.'+e.className+' '+Math.round(r.left)+'..'+Math.round(r.right)) } return [innerWidth, document.documentElement.scrollWidth, ...o.slice(0,20)] }))
await b.close(); await chain.close()
