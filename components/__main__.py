"""Where Pulumi starts the plugin."""

import sys

from zelly_components.package.host import main

if __name__ == "__main__":
    main(sys.argv[1:])
