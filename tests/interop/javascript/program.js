// Does what the runner says with a JavaScript client. Argument: the name server.
//
// A command is a line `id=N&do=VERB&...` of form-encoded fields; it is answered by a line with that
// id, with `error` when it failed. A message that a consumer is given is a line `got=CONSUMER&...`.
// The end of standard input ends the program.
//
// `./client` is one of the folders beside this file:
//   producer(command), consumer(command, tell) start one; consumers call tell(fields) for a message;
//   send(producer, command) answers with fields; stop(started) ends one.
'use strict';

const readline = require('node:readline');
const client = require('./client');

const started = new Map(); // producers and consumers by name

function say(fields) {
  process.stdout.write(new URLSearchParams(fields).toString() + '\n');
}

// What a message doesn't have isn't told.
function tell(consumer, message) {
  const there = Object.entries(message).filter(([ , value ]) => value !== undefined && value !== '');
  say({ got: consumer, ...Object.fromEntries(there) });
}

const VERBS = {
  async producer(command) {
    started.set(command.get('as'), await client.producer(command));
  },
  send(command) {
    return client.send(started.get(command.get('by')), command);
  },
  async consumer(command) {
    const name = command.get('as');
    started.set(name, await client.consumer(command, message => tell(name, message)));
  },
  async stop(command) {
    await client.stop(started.get(command.get('as')));
  },
};

async function answer(command) {
  try {
    return await VERBS[command.get('do')](command) || {};
  } catch (failure) {
    return { error: String(failure) };
  }
}

readline.createInterface({ input: process.stdin })
  .on('line', async line => {
    const command = new URLSearchParams(line);
    say({ ...await answer(command), id: command.get('id') });
  })
  .on('close', () => process.exit(0));
say({ ready: 1 });
