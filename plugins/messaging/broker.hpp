// Broker: the running parts of a messaging instance, in the order they depend on each other. Made
// at start, owned by the module, gone with it.
#pragma once

#include "catalog.hpp"
#include "client_config.hpp"
#include "client_table.hpp"
#include "clients.hpp"
#include "connections.hpp"
#include "filters.hpp"
#include "finding.hpp"
#include "groups.hpp"
#include "lock_table.hpp"
#include "locks.hpp"
#include "moving.hpp"
#include "offset_store.hpp"
#include "offset_table.hpp"
#include "offsets.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "pull.hpp"
#include "queue_reader.hpp"
#include "record_reader.hpp"
#include "registration.hpp"
#include "relay.hpp"
#include "replies.hpp"
#include "reset_table.hpp"
#include "send.hpp"
#include "services.hpp"
#include "subscriptions.hpp"
#include "topic_tables.hpp"
#include "topic_update.hpp"

namespace gantry::messaging {

struct Broker {
  Broker(const gantry_host* host, const Options& options, gantry_binding* metadata,
         gantry_binding* index, gantry_binding* keys)
      : services(host),
        node(sdk::Host(host), options),
        catalog(services, options, metadata),
        registration(services, options, node, catalog),
        queues(services, options, index),
        records(services),
        finding(services, queues, records, keys),
        offset_store(services, metadata, offset_table),
        offsets(services, options, catalog, queues, offset_table, resets),
        subscriptions(services, client_table),
        filters(services, options),
        client_config(services, options, filters),
        lock_table(options.queue_locks_max),
        clients(services, options, catalog, client_table, lock_table, subscriptions),
        locks(services, lock_table),
        groups(services, options, catalog, offset_table, offset_store),
        connections(services, node, client_table, offset_table),
        progress(services, node, catalog, queues, records, client_table, offset_table),
        topic_tables(services, options, node, catalog, queues, records, offset_table, offset_store),
        topic_update(services, options, node, catalog),
        send(services, options, node, catalog, lock_table),
        pull(services, options, node, catalog, subscriptions, filters, queues, offset_table,
             resets),
        moving(services, options, node,
               {catalog, queues, client_table, offset_table, offset_store, resets, pull}),
        relay(services, node, catalog, client_table, records),
        replies(services, options, node, catalog, client_table) {}

  const Services services;
  const Node node;
  Catalog catalog;
  Registration registration;
  const QueueReader queues;
  const RecordReader records;
  Finding finding;
  OffsetTable offset_table;
  ResetTable resets;
  OffsetStore offset_store;
  ClientTable client_table;
  Offsets offsets;
  Subscriptions subscriptions;
  Filters filters;
  ClientConfig client_config;
  LockTable lock_table;
  Clients clients;
  Locks locks;
  Groups groups;
  Connections connections;
  Progress progress;
  TopicTables topic_tables;
  TopicUpdate topic_update;
  Send send;
  Pull pull;
  Moving moving;
  Relay relay;
  Replies replies;
};

}  // namespace gantry::messaging
