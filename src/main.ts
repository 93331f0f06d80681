#!/usr/bin/env -S node --disable-warning=TimeoutNegativeWarning
// Hands over to the command line. The warning is kafkajs 2.2.4's: a timer of its request queue may be set into the past, which Node
// since 24 remarks once; it does no harm.
import { runCli } from '#cli/program.ts';

process.exitCode = await runCli(process.argv.slice(2));
