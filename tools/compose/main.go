// Loads a compose file as compose itself does, with the variables of the environment, and prints it as JSON:
// compose-config FILE. COMPOSE_PROFILES chooses profiles; without it every one of them is loaded, since services of a
// profile that is not chosen are not checked. A mistake is one line on standard error, and exit code 1.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func main() {
	project, err := load(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(project)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func load(files []string) (*types.Project, error) {
	profiles := []string{"*"}
	if chosen, given := os.LookupEnv("COMPOSE_PROFILES"); given {
		profiles = strings.Split(chosen, ",")
	}
	options, err := cli.NewProjectOptions(files, cli.WithOsEnv, cli.WithProfiles(profiles))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}
