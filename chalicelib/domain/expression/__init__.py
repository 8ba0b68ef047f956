"""The expression language `#{…}`: lexer, precedence parser, typed evaluator, functions, Joda date patterns."""
