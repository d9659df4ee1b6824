package main

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

func startConsumer(command url.Values) (url.Values, error) {
	from := map[string]consumer.ConsumeFromWhere{
		"first_offset": consumer.ConsumeFromFirstOffset, "timestamp": consumer.ConsumeFromTimestamp,
	}[command.Get("from")] // the end, when it isn't said
	options := []consumer.Option{
		consumer.WithGroupName(command.Get("group")),
		consumer.WithInstance(command.Get("as")),
		consumer.WithNameServer(nameServer),
		consumer.WithConsumeFromWhere(from),
		consumer.WithConsumeGoroutineNums(number(command, "threads", 1)),
		consumer.WithConsumerOrder(command.Get("orderly") == "1"),
	}
	if command.Has("timestamp") {
		options = append(options, consumer.WithConsumeTimestamp(command.Get("timestamp")))
	}
	if command.Get("broadcast") == "1" {
		options = append(options, consumer.WithConsumerModel(consumer.BroadCasting))
	}
	made, err := rocketmq.NewPushConsumer(options...)
	if err != nil {
		return nil, err
	}
	err = made.Subscribe(command.Get("topic"), selectorOf(command),
		func(ctx context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			began := moments.Add(1)
			if command.Has("reply_by") {
				if err := reply(command.Get("reply_by"), messages); err != nil {
					say(url.Values{"note": {"reply: " + err.Error()}})
					return consumer.ConsumeRetryLater, nil
				}
			}
			tell(command.Get("as"), messages, began)
			if command.Get("refuse") == "1" && messages[0].ReconsumeTimes == 0 {
				if concurrent, found := primitive.GetConcurrentlyCtx(ctx); found {
					concurrent.DelayLevelWhenNextConsume = 1
				}
				return consumer.ConsumeRetryLater, nil
			}
			return consumer.ConsumeSuccess, nil
		})
	if err != nil {
		return nil, err
	}
	endings.Store(command.Get("as"), made.Shutdown)
	return nil, made.Start()
}

func selectorOf(command url.Values) consumer.MessageSelector {
	expression := command.Get("filter")
	if expression == "" {
		expression = "*"
	}
	kind := consumer.TAG
	if command.Has("type") {
		kind = consumer.ExpressionType(command.Get("type"))
	}
	return consumer.MessageSelector{Type: kind, Expression: expression}
}

// reply answers each request with its own text, turned round.
func reply(by string, requests []*primitive.MessageExt) error {
	for _, request := range requests {
		text := []rune(string(request.Body))
		for i, j := 0, len(text)-1; i < j; i, j = i+1, j-1 {
			text[i], text[j] = text[j], text[i]
		}
		message, err := consumer.CreateReplyMessage(request, nil)
		if err != nil {
			return err
		}
		message.Body = []byte(string(text)) // which CreateReplyMessage of 2.1.2 forgets
		if _, err := named(by).plain.SendSync(context.Background(), message); err != nil {
			return err
		}
	}
	return nil
}

var pullers sync.Map // rocketmq.PullConsumer by name

func newPuller(command url.Values) (rocketmq.PullConsumer, error) {
	made, err := rocketmq.NewPullConsumer(
		consumer.WithGroupName(command.Get("group")),
		consumer.WithInstance(command.Get("as")),
		consumer.WithNameServer(nameServer))
	if err != nil {
		return nil, err
	}
	return made, made.Subscribe(command.Get("topic"), selectorOf(command))
}

func startPuller(command url.Values) (url.Values, error) {
	made, err := newPuller(command)
	if err != nil {
		return nil, err
	}
	pullers.Store(command.Get("as"), made)
	endings.Store(command.Get("as"), made.Shutdown)
	return nil, made.Start()
}

// pull says what it found as deliveries, then how it ended.
func pull(command url.Values) (url.Values, error) {
	queue := &primitive.MessageQueue{
		Topic: command.Get("topic"), BrokerName: "broker-a", QueueId: number(command, "queue", 0)}
	puller, _ := pullers.Load(command.Get("by"))
	found, err := puller.(rocketmq.PullConsumer).PullFrom(
		context.Background(), queue, int64(number(command, "offset", 0)), 32)
	if err != nil {
		return nil, err
	}
	status := []string{"FOUND", "NO_NEW_MSG", "NO_MATCHED_MSG", "OFFSET_ILLEGAL", "TIMEOUT"}
	if found.Status == primitive.PullFound {
		tell(command.Get("by"), found.GetMessageExts(), 0)
	}
	return url.Values{
		"status": {status[found.Status]}, "next": {decimal(found.NextBeginOffset)},
	}, nil
}

// startLite polls in the background, as a user of Poll does.
func startLite(command url.Values) (url.Values, error) {
	made, err := newPuller(command)
	if err != nil {
		return nil, err
	}
	if err := made.Start(); err != nil {
		return nil, err
	}
	stopping, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stopping:
				return
			default:
			}
			got, err := made.Poll(context.Background(), 200*time.Millisecond)
			if err != nil {
				continue // nothing came
			}
			tell(command.Get("as"), got.GetMsgList(), 0)
			made.ACK(context.Background(), got, consumer.ConsumeSuccess)
		}
	}()
	endings.Store(command.Get("as"), func() error {
		close(stopping)
		<-stopped
		return made.Shutdown()
	})
	return nil, nil
}
