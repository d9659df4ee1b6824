package main

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/admin"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

// One that chooses queues itself and two whose user does: by number and by sharding key.
type producers struct{ plain, named, sharded rocketmq.Producer }

var started sync.Map // *producers by name

func named(name string) *producers {
	found, _ := started.Load(name)
	return found.(*producers)
}

func startProducer(command url.Values) (url.Values, error) {
	var set producers
	for suffix, part := range map[string]struct {
		producer *rocketmq.Producer
		selector producer.QueueSelector
	}{
		"":         {&set.plain, producer.NewRoundRobinQueueSelector()},
		"_named":   {&set.named, producer.NewManualQueueSelector()},
		"_sharded": {&set.sharded, producer.NewHashQueueSelector()},
	} {
		made, err := rocketmq.NewProducer(
			producer.WithGroupName(command.Get("group")+suffix),
			producer.WithInstanceName(command.Get("as")),
			producer.WithNameServer(nameServer),
			producer.WithQueueSelector(part.selector),
			producer.WithSendMsgTimeout(10*time.Second))
		if err != nil {
			return nil, err
		}
		if err := made.Start(); err != nil {
			return nil, err
		}
		*part.producer = made
	}
	started.Store(command.Get("as"), &set)
	return nil, nil
}

func send(command url.Values) (url.Values, error) {
	set := named(command.Get("by"))
	message := messageOf(command, command.Get("body"))
	chosen := set.plain
	if command.Has("queue") {
		chosen = set.named
		message.Queue = &primitive.MessageQueue{
			Topic: message.Topic, BrokerName: "broker-a", QueueId: number(command, "queue", 0)}
	}
	if command.Has("shard") {
		chosen = set.sharded
		message.WithShardingKey(command.Get("shard"))
	}
	switch command.Get("how") {
	case "oneway":
		return nil, chosen.SendOneWay(context.Background(), message)
	case "async":
		return sendAsync(chosen, message)
	}
	return result(chosen.SendSync(context.Background(), message))
}

func sendAsync(chosen rocketmq.Producer, message *primitive.Message) (url.Values, error) {
	type outcome struct {
		sent *primitive.SendResult
		err  error
	}
	done := make(chan outcome, 1)
	err := chosen.SendAsync(context.Background(),
		func(_ context.Context, sent *primitive.SendResult, err error) { done <- outcome{sent, err} },
		message)
	if err != nil {
		return nil, err
	}
	came := <-done
	return result(came.sent, came.err)
}

func batch(command url.Values) (url.Values, error) {
	var messages []*primitive.Message
	for _, body := range command["body"] {
		messages = append(messages, messageOf(command, body))
	}
	return result(named(command.Get("by")).plain.SendSync(context.Background(), messages...))
}

func request(command url.Values) (url.Values, error) {
	reply, err := named(command.Get("by")).plain.Request(
		context.Background(), 10*time.Second, messageOf(command, command.Get("body")))
	if err != nil {
		return nil, err
	}
	return url.Values{"body": {string(reply.Body)}}, nil
}

func messageOf(command url.Values, body string) *primitive.Message {
	message := primitive.NewMessage(command.Get("topic"), []byte(body))
	if command.Has("tags") {
		message.WithTag(command.Get("tags"))
	}
	if command.Has("keys") {
		message.WithKeys(strings.Split(command.Get("keys"), " "))
	}
	for name := range command {
		if strings.HasPrefix(name, "p.") {
			message.WithProperty(name[2:], command.Get(name))
		}
	}
	return message
}

func result(sent *primitive.SendResult, err error) (url.Values, error) {
	if err != nil {
		return nil, err
	}
	status := strconv.Itoa(int(sent.Status))
	if sent.Status == primitive.SendOK {
		status = "OK"
	}
	return url.Values{
		"status": {status}, "msg": {sent.MsgID}, "offset_msg": {sent.OffsetMsgID},
		"queue":  {strconv.Itoa(sent.MessageQueue.QueueId)},
		"offset": {decimal(sent.QueueOffset)},
	}, nil
}

func createTopic(command url.Values) (url.Values, error) {
	administrator, err := admin.NewAdmin(
		admin.WithResolver(primitive.NewPassthroughResolver(nameServer)))
	if err != nil {
		return nil, err
	}
	queues := number(command, "queues", 8)
	err = administrator.CreateTopic(context.Background(),
		admin.WithTopicCreate(command.Get("topic")), admin.WithBrokerAddrCreate(command.Get("broker")),
		admin.WithReadQueueNums(queues), admin.WithWriteQueueNums(queues))
	if err != nil {
		return nil, err
	}
	return nil, administrator.Close()
}
