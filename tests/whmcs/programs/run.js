// One story by two libraries of others, as their papers show them. Prints what each call answered.
const { Billing, Clients, Orders, System, Tickets } = require('whmcs-js')
const Query = require('whmcs-api')

const [, , endpoint, identifier, secret, pid, deptid, adaJson] = process.argv

async function byForm () {
  const at = { serverUrl: endpoint, identifier, secret }
  const currencies = await new System(at).getCurrencies()
  const client = await new Clients(at).addClient(JSON.parse(adaJson))
  const order = await new Orders(at).addOrder({
    clientid: client.clientid, paymentmethod: 'banktransfer', pid, domain: 'node.example', billingcycle: 'monthly'
  })
  const invoice = await new Billing(at).getInvoice({ invoiceid: order.invoiceid })
  const accepted = await new Orders(at).acceptOrder({ orderid: order.orderid, autosetup: true })
  const refused = await new Billing(at).getInvoice({ invoiceid: 99999999 })
  const opened = await new Tickets(at).callApi({
    action: 'OpenTicket', deptid, subject: 'Ä & <b>', message: 'Hello', clientid: client.clientid
  })
  return { currencies, client, order, invoice, accepted, refused, opened }
}

async function byQuery (clientid) {
  const program = new Query({ endpoint, identifier, secret, responsetype: 'JSON' })
  const details = await program.call('GetClientsDetails', { clientid, stats: true })
  const credit = await program.call('AddCredit', { clientid, description: 'Sorry & bye', amount: 3 })
  const ticket = await program.call('GetTickets', { clientid })
  const refused = await program.call('GetInvoice', { invoiceid: 99999999 }).catch(error => error.message)
  return { details, credit, ticket, refused }
}

byForm().then(async form => {
  console.log(JSON.stringify({ form, query: await byQuery(form.client.clientid) }))
})
