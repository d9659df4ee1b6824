// Does what the runner says with rocketmq-nodejs, RocketMQ's C++ core as a Node addon. Argument: the
// name server. A command is a line `id=N&do=VERB&...` of form-encoded fields; it is answered by a
// line with that id, with `error` when it failed. A message that a consumer is given is a line
// `got=CONSUMER&...`. The end of standard input ends the program.
'use strict';

const readline = require('node:readline');
const { Producer, PushConsumer } = require('rocketmq-nodejs');

const common = { nameServer: process.argv[2], logLevel: 'error' };
const started = new Map();

function say(fields) {
  process.stdout.write(new URLSearchParams(fields).toString() + '\n');
}

async function startProducer(command) {
  const producer = new Producer(command.get('group'), command.get('as'), {
    ...common, sendMessageTimeout: 10000,
  });
  await producer.start();
  started.set(command.get('as'), producer);
}

async function send(command) {
  const options = {};
  if (command.has('tags')) options.tags = command.get('tags');
  if (command.has('keys')) options.keys = command.get('keys');
  const sent = await started.get(command.get('by'))
    .send(command.get('topic'), command.get('body'), options);
  return { status: sent.statusStr, msg: sent.msgId, offset: sent.offset };
}

async function startConsumer(command) {
  const consumer = new PushConsumer(command.get('group'), command.get('as'), {
    ...common, threadCount: Number(command.get('threads') || 1),
  });
  consumer.subscribe(command.get('topic'), command.get('filter') || '*');
  consumer.on('message', (message, ack) => {
    tell(command.get('as'), message);
    ack.done();
  });
  await consumer.start();
  started.set(command.get('as'), consumer);
}

function tell(consumer, message) {
  const fields = { got: consumer, topic: message.topic, body: message.body, msg: message.msgId };
  if (message.tags) fields.tags = message.tags;
  if (message.keys) fields.keys = message.keys;
  say(fields);
}

async function stop(command) {
  await started.get(command.get('as')).shutdown();
}

const VERBS = { producer: startProducer, send, consumer: startConsumer, stop };

readline.createInterface({ input: process.stdin })
  .on('line', async line => {
    const command = new URLSearchParams(line);
    let fields;
    try {
      fields = await VERBS[command.get('do')](command) || {};
    } catch (failure) {
      fields = { error: String(failure) };
    }
    say({ ...fields, id: command.get('id') });
  })
  .on('close', () => process.exit(0));
say({ ready: 1 });
