def recovery_picture(d): return b""
def index_picture(d): return b""
def written(p,d): return p
