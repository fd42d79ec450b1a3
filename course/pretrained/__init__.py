"""Pretrained: the models that people use, as files of Hugging Face, read into what the lessons build."""

from course.pretrained.bert import load_bert
from course.pretrained.gpt2 import load_gpt2
from course.pretrained.llama import load_llama
from course.pretrained.marian import load_marian
from course.pretrained.refused import Refused

__all__ = ["Refused", "load_bert", "load_gpt2", "load_llama", "load_marian"]
