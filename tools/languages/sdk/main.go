// Writes the SDK that Pulumi generates from a package's schema: sdk-codegen LANGUAGE SCHEMA FOLDER.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	gocode "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// noOtherPackages stands where packages would be loaded that a schema refers to: this one refers to itself alone.
type noOtherPackages struct{ schema.Loader }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("sdk-codegen: takes LANGUAGE SCHEMA FOLDER; LANGUAGE is go or nodejs")
	}
	text, err := os.ReadFile(arguments[1])
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	pkg, diagnostics, err := schema.BindSpec(spec, noOtherPackages{}, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if diagnostics.HasErrors() {
		return diagnostics
	}
	// As "pulumi package add" has it: the SDK in Go is then a module of its own.
	pkg.SupportPack = true
	files := map[string][]byte{}
	switch arguments[0] {
	case "go":
		files, err = gocode.GeneratePackage("sdk-codegen", pkg, nil)
	case "nodejs":
		files, err = nodejs.GeneratePackage("sdk-codegen", pkg, nil, nil, true, nil)
	default:
		err = fmt.Errorf("sdk-codegen: %s is no language that it writes; allowed: go, nodejs", arguments[0])
	}
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(arguments[2], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
