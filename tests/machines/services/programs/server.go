// A practice service: see behaviour.py beside it.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

type behaviour struct {
	Exit         int      `json:"exit"`
	Ready        *bool    `json:"ready"`
	StartSeconds float64  `json:"start_seconds"`
	CrashAfter   *float64 `json:"crash_after_seconds"`
	IgnoreTerm   bool     `json:"ignore_sigterm"`
}

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func answer(writer http.ResponseWriter, status int, body any) {
	writer.Header().Set("content-type", "application/json")
	writer.WriteHeader(status)
	_ = json.NewEncoder(writer).Encode(body)
}

func listener() net.Listener {
	if os.Getenv("LISTEN_FDS") == "1" {
		return must(net.FileListener(os.NewFile(3, "socket")))
	}
	return must(net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT")))
}

func main() {
	service := os.Getenv("PRACTICE_SERVICE")
	if service == "" {
		// A start without a shell around it: the directory is called as the service.
		parts := strings.Split(must(os.Getwd()), "/")
		service = parts[len(parts)-1]
	}
	told := behaviour{}
	for _, path := range []string{"behaviour.json", "/etc/practice/" + service + ".json"} {
		if text, err := os.ReadFile(path); err == nil {
			must(true, json.Unmarshal(text, &told))
		}
	}
	if told.Exit != 0 {
		os.Exit(told.Exit)
	}
	ready := told.Ready == nil || *told.Ready
	about := map[string]any{"service": service, "release": must(os.Getwd()), "pid": os.Getpid(), "ready": ready}
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(writer http.ResponseWriter, _ *http.Request) {
		status := http.StatusOK
		if !ready {
			status = http.StatusServiceUnavailable
		}
		answer(writer, status, about)
	})
	mux.HandleFunc("/credentials", func(writer http.ResponseWriter, _ *http.Request) {
		text := must(os.ReadFile(os.Getenv("CREDENTIALS_DIRECTORY") + "/environment"))
		keys := []string{}
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			key, _, _ := strings.Cut(line, "=")
			keys = append(keys, key)
		}
		sum := sha256.Sum256(text)
		answer(writer, http.StatusOK, map[string]any{"keys": keys, "sha256": hex.EncodeToString(sum[:])})
	})
	mux.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	mux.HandleFunc("/slow", func(writer http.ResponseWriter, request *http.Request) {
		time.Sleep(seconds(must(strconv.ParseFloat(request.URL.Query().Get("seconds"), 64))))
		answer(writer, http.StatusOK, about)
	})
	time.Sleep(seconds(told.StartSeconds))
	connections := sync.WaitGroup{}
	server := &http.Server{Handler: mux, ConnState: func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			connections.Add(1)
		case http.StateClosed, http.StateHijacked:
			connections.Done()
		}
	}}
	if told.CrashAfter != nil {
		time.AfterFunc(seconds(*told.CrashAfter), func() { os.Exit(3) })
	}
	open, asked := listener(), make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	go func() {
		for range asked {
			if !told.IgnoreTerm {
				_ = open.Close()
				return
			}
		}
	}()
	// Not Shutdown: once it is called, a connection whose first request is only just being read is closed without an
	// answer (net/http, conn.serve), which loses one in a thousand at a restart under load. Here nothing is taken any
	// more, and what was taken is answered.
	_ = server.Serve(open)
	server.SetKeepAlivesEnabled(false)
	connections.Wait()
}
