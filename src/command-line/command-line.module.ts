import { Module } from '@nestjs/common';
import { CommandLine } from './command-line.js';
import { CommandLineController } from './command-line.controller.js';

@Module({
  controllers: [CommandLineController],
  providers: [CommandLine],
  exports: [CommandLine],
})
export class CommandLineModule {}
