// Does what the runner says with ali-ons, RocketMQ's client in plain JavaScript. Argument: the name
// server. A command is a line `id=N&do=VERB&...` of form-encoded fields; it is answered by a line
// with that id, with `error` when it failed. A message that a consumer is given is a line
// `got=CONSUMER&...`. The end of standard input ends the program.
'use strict';

const readline = require('node:readline');
const { Consumer, Message, Producer } = require('ali-ons');

const quiet = { info() {}, warn() {}, error: line => console.error(line), debug() {} };
// Name servers are named, so it has nothing to fetch.
const common = { httpclient: {}, nameSrv: [ process.argv[2] ], logger: quiet };
const FROM = { first_offset: 'CONSUME_FROM_FIRST_OFFSET', timestamp: 'CONSUME_FROM_TIMESTAMP' };
const started = new Map();

function say(fields) {
  process.stdout.write(new URLSearchParams(fields).toString() + '\n');
}

async function startProducer(command) {
  const producer = new Producer({
    ...common, producerGroup: command.get('group'), instanceName: command.get('as'),
    defaultTopicQueueNums: 8, sendMsgTimeout: 10000,
  });
  producer.on('error', err => console.error(err));
  await producer.ready();
  started.set(command.get('as'), producer);
}

async function send(command) {
  const message = new Message(command.get('topic'), command.get('tags') || '', command.get('body'));
  if (command.has('keys')) {
    message.keys = command.get('keys').split(' ');
  }
  if (command.has('shard')) {
    message.shardingKey = command.get('shard');
  }
  for (const [ name, value ] of command) {
    if (name.startsWith('p.')) {
      message.properties[name.slice(2)] = value;
    }
  }
  const sent = await started.get(command.get('by')).send(message);
  return {
    status: sent.sendStatus.replace('SEND_', ''), offset_msg: sent.msgId,
    queue: sent.messageQueue.queueId, offset: sent.queueOffset,
  };
}

async function startConsumer(command) {
  const consumer = new Consumer({
    ...common, consumerGroup: command.get('group'), instanceName: command.get('as'),
    isBroadcast: command.get('broadcast') === '1',
    parallelConsumeLimit: Number(command.get('threads') || 1),
    consumeFromWhere: FROM[command.get('from')] || 'CONSUME_FROM_LAST_OFFSET',
    consumeTimestamp: command.get('timestamp'),
    rebalanceInterval: 500, // it doesn't listen to brokers that tell of members who come and go
  });
  consumer.on('error', err => console.error(err));
  consumer.subscribe(command.get('topic'), command.get('filter') || '*', async message => {
    tell(command.get('as'), message);
  });
  await consumer.ready();
  started.set(command.get('as'), consumer);
}

function tell(consumer, message) {
  const fields = {
    got: consumer, topic: message.topic, body: message.body.toString(), queue: message.queueId,
    offset: message.queueOffset, msg: message.msgId, again: message.reconsumeTimes,
  };
  for (const [ name, value ] of Object.entries(message.properties)) {
    fields[`p.${name}`] = value;
  }
  if (message.tags) fields.tags = message.tags;
  if (message.keys) fields.keys = message.keys;
  say(fields);
}

async function stop(command) {
  await started.get(command.get('as')).close();
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
