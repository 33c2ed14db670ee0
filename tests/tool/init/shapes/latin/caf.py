# -*- coding: latin-1 -*-
from flask import Flask
app = Flask(__name__)  # café

@app.route('/')
def index(): return 'café'