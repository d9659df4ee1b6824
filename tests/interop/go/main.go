// Does what the runner says with RocketMQ's Go client. Argument: the name server.
//
// A command is a line `id=N&do=VERB&...` of form-encoded fields; it is answered by a line with that
// id, with `error` when it failed. A message that a consumer is given is a line `got=CONSUMER&...`.
// The end of standard input ends the program. Commands run beside one another.
package main

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

type verb func(command url.Values) (url.Values, error)

var (
	verbs = map[string]verb{
		"producer": startProducer, "send": send, "batch": batch, "request": request,
		"consumer": startConsumer, "puller": startPuller, "pull": pull, "lite": startLite,
		"create_topic": createTopic, "stop": stop,
	}
	nameServer primitive.NamesrvAddr
	speaking   sync.Mutex
	endings    sync.Map     // what `stop` calls, by the name of what it ends
	moments    atomic.Int64 // counts when listeners begin and end, over all consumers
)

func main() {
	rlog.SetLogLevel("warn") // where a refused pull is told
	nameServer = primitive.NamesrvAddr{os.Args[1]}
	say(url.Values{"ready": {"1"}})
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			return
		}
		command, err := url.ParseQuery(strings.TrimSpace(line))
		if err != nil {
			panic(err)
		}
		go func() { say(answer(command)) }()
	}
}

func answer(command url.Values) url.Values {
	fields, err := verbs[command.Get("do")](command)
	if err != nil {
		fields = url.Values{"error": {err.Error()}}
	}
	if fields == nil {
		fields = url.Values{}
	}
	fields.Set("id", command.Get("id"))
	return fields
}

func say(fields url.Values) {
	speaking.Lock()
	defer speaking.Unlock()
	fmt.Println(fields.Encode())
}

func stop(command url.Values) (url.Values, error) {
	ending, found := endings.LoadAndDelete(command.Get("as"))
	if !found {
		return nil, fmt.Errorf("nothing is called %s", command.Get("as"))
	}
	return nil, ending.(func() error)()
}

func number(command url.Values, name string, otherwise int) int {
	found, err := strconv.Atoi(command.Get(name))
	if err != nil {
		return otherwise
	}
	return found
}

func decimal(value int64) string { return strconv.FormatInt(value, 10) }

// tell says which messages a consumer got. began: when its listener did; 0 without one.
func tell(consumer string, messages []*primitive.MessageExt, began int64) {
	for _, message := range messages {
		fields := url.Values{
			"got": {consumer}, "topic": {message.Topic}, "body": {string(message.Body)},
			"queue":  {strconv.Itoa(message.Queue.QueueId)},
			"offset": {decimal(message.QueueOffset)},
			"msg":    {message.MsgId},
			"again":  {strconv.Itoa(int(message.ReconsumeTimes))},
		}
		if began > 0 {
			fields.Set("began", decimal(began))
			fields.Set("ended", decimal(moments.Add(1)))
		}
		for name, value := range message.GetProperties() {
			fields.Set("p."+name, value)
		}
		if message.GetTags() != "" {
			fields.Set("tags", message.GetTags())
		}
		if message.GetKeys() != "" {
			fields.Set("keys", message.GetKeys())
		}
		say(fields)
	}
}
