//! OpenAI's own client for Python.
