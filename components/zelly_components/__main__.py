"""The provider of the components: ``python -m zelly_components``."""

import sys

from zelly_components.package.host import main

if __name__ == "__main__":
    main(sys.argv[1:])
