// rocketmq-nodejs, RocketMQ's C++ core as a Node addon, as program.js drives it.
'use strict';

const { Producer, PushConsumer } = require('rocketmq-nodejs');

const common = { nameServer: process.argv[2], logLevel: 'error' };

exports.producer = async command => {
  const producer = new Producer(command.get('group'), command.get('as'), {
    ...common, sendMessageTimeout: 10000,
  });
  await producer.start();
  return producer;
};

exports.send = async (producer, command) => {
  const options = {};
  if (command.has('tags')) options.tags = command.get('tags');
  if (command.has('keys')) options.keys = command.get('keys');
  const sent = await producer.send(command.get('topic'), command.get('body'), options);
  return { status: sent.statusStr, msg: sent.msgId, offset: sent.offset };
};

exports.consumer = async (command, tell) => {
  const consumer = new PushConsumer(command.get('group'), command.get('as'), {
    ...common, threadCount: Number(command.get('threads') || 1),
  });
  consumer.subscribe(command.get('topic'), command.get('filter') || '*');
  consumer.on('message', (message, ack) => {
    const { topic, body, msgId: msg, tags, keys } = message;
    tell({ topic, body, msg, tags, keys });
    ack.done();
  });
  await consumer.start();
  return consumer;
};

exports.stop = started => started.shutdown();
