// Runs the Lua of an Argo CD configuration as Argo CD does, on objects that come as YAML documents from standard input, and prints
// one line of JSON for each:
//
//	argocd-lua argocd-cm.yaml health         {"status": "Healthy", "message": "..."}
//	argocd-lua argocd-cm.yaml actions        {"cancel": {"disabled": true}}
//	argocd-lua argocd-cm.yaml action NAME    the object as the action leaves it
//
// The interpreter, the libraries that are open to a script (no others), its second of time and the words that it may return are those
// of Argo CD's util/lua/lua.go; the keys of the ConfigMap those of its resource customizations.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
	luajson "layeh.com/gopher-json"
	"sigs.k8s.io/yaml"
)

var healths = []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: argocd-lua CONFIGMAP health|actions|action NAME <OBJECTS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "argocd-lua:", err)
		os.Exit(1)
	}
}

func run(file, what string, arguments []string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var config struct{ Data map[string]string }
	if err := yaml.Unmarshal(content, &config); err != nil {
		return err
	}
	objects, err := documents(os.Stdin)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, object := range objects {
		script, err := script(config.Data, object, what, arguments)
		if err != nil {
			return err
		}
		result, err := evaluate(script, object)
		if err != nil {
			return err
		}
		if what == "health" {
			if err := checkHealth(result); err != nil {
				return err
			}
		}
		if what == "action" {
			result = restoreEmpty(result, object)
		}
		if err := out.Encode(result); err != nil {
			return err
		}
	}
	return nil
}

func documents(in io.Reader) ([]map[string]any, error) {
	content, err := io.ReadAll(bufio.NewReader(in))
	if err != nil {
		return nil, err
	}
	var objects []map[string]any
	for _, document := range strings.Split("\n"+string(content), "\n---") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			return nil, err
		}
		if len(object) > 0 {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// script is what the ConfigMap has for objects of this group and kind.
func script(data map[string]string, object map[string]any, what string, arguments []string) (string, error) {
	version, _ := object["apiVersion"].(string)
	group, _, _ := strings.Cut(version, "/")
	key := fmt.Sprintf("%s_%s", group, object["kind"])
	if what == "health" {
		return found(data["resource.customizations.health."+key], "health of "+key)
	}
	var actions struct {
		Discovery   string `json:"discovery.lua"`
		Definitions []struct {
			Name   string `json:"name"`
			Action string `json:"action.lua"`
		} `json:"definitions"`
	}
	if err := yaml.UnmarshalStrict([]byte(data["resource.customizations.actions."+key]), &actions); err != nil {
		return "", err
	}
	if what == "actions" {
		return found(actions.Discovery, "discovery of "+key)
	}
	for _, definition := range actions.Definitions {
		if len(arguments) == 1 && definition.Name == arguments[0] {
			return found(definition.Action, "action of "+key)
		}
	}
	return "", fmt.Errorf("%s has no action %v", key, arguments)
}

func found(script, name string) (string, error) {
	if script == "" {
		return "", errors.New("there is no script for " + name)
	}
	return script, nil
}

func evaluate(script string, object map[string]any) (any, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.OsLibName: openSafeOS,
	} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	limit, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(limit)
	state.SetGlobal("obj", luajson.DecodeValue(state, object))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	returned := state.Get(-1)
	if returned.Type() != lua.LTTable {
		return nil, fmt.Errorf("the script returned a %s and not a table", returned.Type())
	}
	encoded, err := luajson.Encode(returned)
	if err != nil {
		return nil, err
	}
	var result any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	err = decoder.Decode(&result)
	return result, err
}

// openSafeOS is the part of os that scripts have: the time.
func openSafeOS(state *lua.LState) int {
	module := state.RegisterModule(lua.OsLibName, map[string]lua.LGFunction{
		"time": func(l *lua.LState) int { l.Push(lua.LNumber(time.Now().Unix())); return 1 },
		"date": func(l *lua.LState) int { l.Push(lua.LString(time.Now().UTC().Format(time.RFC3339))); return 1 },
	})
	state.Push(module)
	return 1
}

func checkHealth(result any) error {
	health, _ := result.(map[string]any)
	for _, known := range healths {
		if health["status"] == known {
			return nil
		}
	}
	return fmt.Errorf("%v is not a health", result)
}

// restoreEmpty makes maps again of what Lua cannot tell from an empty list.
func restoreEmpty(fresh, old any) any {
	switch old := old.(type) {
	case map[string]any:
		if list, ok := fresh.([]any); ok && len(list) == 0 {
			return old
		}
		if object, ok := fresh.(map[string]any); ok {
			for key, value := range object {
				object[key] = restoreEmpty(value, old[key])
			}
		}
	case []any:
		if list, ok := fresh.([]any); ok {
			for i := range min(len(list), len(old)) {
				list[i] = restoreEmpty(list[i], old[i])
			}
		}
	}
	return fresh
}
