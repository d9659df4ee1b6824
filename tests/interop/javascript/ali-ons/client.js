// ali-ons, RocketMQ's client in plain JavaScript, as program.js drives it.
'use strict';

const { Consumer, Message, Producer } = require('ali-ons');

const quiet = { info() {}, warn() {}, error: line => console.error(line), debug() {} };
// Name servers are named, so it has nothing to fetch.
const common = { httpclient: {}, nameSrv: [ process.argv[2] ], logger: quiet };
const FROM = { first_offset: 'CONSUME_FROM_FIRST_OFFSET', timestamp: 'CONSUME_FROM_TIMESTAMP' };

exports.producer = async command => {
  const producer = new Producer({
    ...common, producerGroup: command.get('group'), instanceName: command.get('as'),
    defaultTopicQueueNums: 8, sendMsgTimeout: 10000,
  });
  producer.on('error', err => console.error(err));
  await producer.ready();
  return producer;
};

exports.send = async (producer, command) => {
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
  const sent = await producer.send(message);
  return {
    status: sent.sendStatus.replace('SEND_', ''), offset_msg: sent.msgId,
    queue: sent.messageQueue.queueId, offset: sent.queueOffset,
  };
};

exports.consumer = async (command, tell) => {
  const consumer = new Consumer({
    ...common, consumerGroup: command.get('group'), instanceName: command.get('as'),
    isBroadcast: command.get('broadcast') === '1',
    parallelConsumeLimit: Number(command.get('threads') || 1),
    consumeFromWhere: FROM[command.get('from')] || 'CONSUME_FROM_LAST_OFFSET',
    consumeTimestamp: command.get('timestamp'),
    rebalanceInterval: 500, // it doesn't listen to brokers that tell of members who come and go
  });
  consumer.on('error', err => console.error(err));
  let expression = command.get('filter') || '*';
  if (command.has('type')) {
    expression = { expressionType: command.get('type'), subString: expression };
  }
  consumer.subscribe(command.get('topic'), expression, async message => {
    tell(fieldsOf(message));
    if (command.get('refuse') === '1' && message.reconsumeTimes === 0) {
      return Consumer.ACTION_RETRY;
    }
  });
  await consumer.ready();
  return consumer;
};

function fieldsOf(message) {
  const fields = {
    topic: message.topic, body: message.body.toString(), queue: message.queueId,
    offset: message.queueOffset, msg: message.msgId, again: message.reconsumeTimes,
    tags: message.tags, keys: message.keys,
  };
  for (const [ name, value ] of Object.entries(message.properties)) {
    fields[`p.${name}`] = value;
  }
  return fields;
}

exports.stop = started => started.close();
