#!/usr/bin/env node
// Written by hand, and not a part of dist/: npm links a command only to a file that is there when it installs.
import './dist/main.js';
