"""What else is billed beside our token classes, each under its own name.

Those of tokens are parts of a token class: `input_audio` lies within the input, `cache_read_audio` within both the cache
reads and `input_audio`, `output_audio` within the output. The others are counted beside the tokens.
"""

WITHIN = {
    "input_audio": "input",
    "input_image": "input",
    "input_video": "input",
    "cache_read_audio": "cache_read",
    "cache_read_image": "cache_read",
    "cache_read_video": "cache_read",
    "output_audio": "output",
    "output_image": "output",
    "output_video": "output",
}
BESIDE = {
    "web_searches": "searches of the web that the provider made for the call",
    "search_sources": "sources that a live search used",
    "search_units": "Cohere's unit of reranking: one query with up to 100 documents",
    "images": "images that were embedded or made, where they are counted and not their tokens",
    "audio_seconds": "seconds of audio, where they are counted and not their tokens",
    "citation_tokens": "tokens of citations, billed beside the output",
}
UNITS = (*WITHIN, *BESIDE)
