"""What a provider's answer says of its own use, be it a stream or one body.

`frames` takes a stream apart, whatever it is framed in; `families` know what each provider's frames mean; `answer` is
what they come to. Prompts and completions are passed over as the frames are read, and nothing is estimated.
"""
