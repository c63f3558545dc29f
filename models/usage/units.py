"""What else is billed beside our token classes, each under its own name.

Those of tokens are parts of a token class: `input_audio` lies within the input, `cache_read_audio` within both the
cache reads and `input_audio`, `output_audio` within the output. The others are counted beside the tokens. A unit that
was not used is left out, but for cache reads of a kind that was sent: that none of it was cached may be known, or not.
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
    "x_searches": "searches of X",
    "x_posts": "posts of X that were fetched",
    "x_users": "profiles of X that were fetched",
    "file_searches": "searches of files and document collections",
    "code_runs": "runs of code at the provider, where it bills them one by one",
    "search_sources": "sources that a live search used",
    "search_units": "Cohere's unit of reranking: one query with up to 100 documents",
    "search_requests": "calls that cost a fee because they search, at a price that depends on how widely",
    "classifications": "texts that were classified",
    "images": "images that were embedded or made, where they are counted and not their tokens",
    "audio_seconds": "seconds of audio, where they are counted and not their tokens",
    "citation_tokens": "tokens of citations, billed beside the output",
    "reasoning_tokens": "tokens of reasoning, where they are billed beside the output at a price of their own",
    "other_model_tokens": "tokens of other models that were asked within the call, billed at their prices",
}
UNITS = (*WITHIN, *BESIDE)
